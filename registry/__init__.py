"""What is true: schemes, sessions, candidates, dossiers, recordings, states, and the one place that commits."""
