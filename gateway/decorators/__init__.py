"""The decorators that a configuration can declare, by their documented names."""

TYPES = ("BaseUriDecorator", "CaptureDecorator", "TimerDecorator", "TracingDecorator")
