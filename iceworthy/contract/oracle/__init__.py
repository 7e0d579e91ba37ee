"""The reference as oracle: random sequences of operations on a target and on the reference, side by
side.

Claim: `compare` returns every kind of difference that a seed's sequences show, each with the
shortest sequence found, the `curl` lines of both sides and the words of the contract that decide
it. Files: sequences.py and the shapes draw, steps.py and sides.py send, run.py runs one sequence,
sameness.py tells what differs, search.py draws and shrinks, rulings.py says what is the target's
fault, what is allowed and what nobody decides, told.py prints.
What it does NOT show: anything under concurrency or load; and an operation that only one of the two
has is not compared.
"""
