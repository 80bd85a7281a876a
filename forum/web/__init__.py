"""HTTP machinery: sessions, form tokens, errors, paging, security headers, built assets."""
