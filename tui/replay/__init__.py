"""The dashboard on a recording: what differs from a dashboard on stores."""
