"""The worker process: Microsoft's library worker driven by frames on standard input and output."""
