"""What a participant's words mean: themes, stance and spoken scores. Trained heads on frozen vectors, and rules."""
