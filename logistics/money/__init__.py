"""What it costs: budgets, expenses, the second person, and what a funder is told."""
