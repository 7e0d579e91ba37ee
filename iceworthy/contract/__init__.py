"""The contract suite: what the specification says of every operation, asked of any target, judged.

case          what a case is and where cases are found
cases/        the cases, one file a subject
desk          how a case asks, and what must hold
exchange      a request and its answer as evidence
capabilities  what a case may need of a target beyond its operations
run           the experiment "contract"
"""
