"""Who could stay where: a solver that knows numbers alone, and what makes a house fit. It proposes and never decides."""
