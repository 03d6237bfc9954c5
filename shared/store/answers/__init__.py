"""Answering questions: sources at an instant, statements, pages, exports."""
