"""What declarations say of themselves to people and editors: JSON Schema, explanations, reference pages."""
