"""What stands where: each part of a screen as lines, without Textual."""
