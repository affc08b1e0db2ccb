//! Any OpenAI-compatible language model, as a reader of last resort and second opinion.
