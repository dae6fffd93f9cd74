"""What operators do with the dashboard, and how many keys each of it takes."""
