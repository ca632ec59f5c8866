"""The management report: what a bank's management asks of its customers, answered from one published version."""
