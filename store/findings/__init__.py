"""What was lost, told from what merely changed: each finding with its grade, its reasons and the proof."""
