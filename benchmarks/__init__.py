"""What measures Gatewright's speed: rows of interleaved contenders, as ratios within one run. See README.md."""
