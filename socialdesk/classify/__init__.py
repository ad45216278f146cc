"""What a message means: normalisation, a trained model, and reasons that point at the words."""
