"""HiGHS in processes of its own: what is asked of them, what they answer, and who keeps time."""
