//! Agreement of two readers: not here yet.
