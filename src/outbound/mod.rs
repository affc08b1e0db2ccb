//! What we tell others: confirmations drafted from data by template, and the ways they leave.
