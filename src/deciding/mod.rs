//! What is this order, is it right, and may it be placed? Pure functions from a `Draft` to a `Verdict`.
