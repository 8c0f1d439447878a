"""How fast Guardia is, measured where it matters and held against what was promised.

Each module with a ``run`` is a bench, called as its file with dashes: it gives its
results, and tells how far it is. ``python -m bench`` runs them all and writes
``bench/results.json``; with names it runs those and only prints.
"""
