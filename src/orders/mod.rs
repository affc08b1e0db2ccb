//! The order core, pure: order, stock, allocation and routing. It does not know that mail or documents exist.
