"""Differential testing: random sequences of operations on a target and on the reference catalog.

Claim: `compare` returns each kind of difference that a seed's sequences show, with the shortest
sequence found, the `curl` lines for both catalogs, and the contract's words that decide it. Files:
sequences.py and the *_shapes draw sequences, steps.py and side.py send them, run.py runs one
sequence on both catalogs, diff.py compares two answers, search.py draws and shrinks, rulings.py and
ruling_table.py decide what is the target's fault, what is allowed and what is undecided, render.py
prints. What it does NOT show: anything under concurrency or load; operations that only one of the
catalogs has are not compared.
"""
