"""Work that takes longer than an answer: run in processes of its own, watched from outside."""
