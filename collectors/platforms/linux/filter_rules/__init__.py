"""Rule lists of Linux packet filters as written: each rule with its line, what is not understood beside."""
