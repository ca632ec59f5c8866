"""Tables that are learnt rather than selected: each module here has `make(rows, business_date)`, named by a contract.

The SELECT beside the contract gives the rows a model learns from and judges; `step.py` runs it in the build order of
the SQL tables. Every model is measured out of time against a plain rule, leaves a card, and where there is too little
to learn from it gives what the rule gives, and says so.
"""
