//! The one integration binary: real servers, real processes, real files.

mod architecture;
