"""What Guardia promises, checked."""
