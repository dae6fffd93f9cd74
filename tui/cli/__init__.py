"""The headless verbs, one module each. They load what they need when they need it: no Textual, no event loop."""
