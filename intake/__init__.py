"""One deposit, from a dropped file to a sealed recording and an answer."""
