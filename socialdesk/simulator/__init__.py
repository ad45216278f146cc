"""Local networks over real HTTP, with a simulated public and faults on demand."""
