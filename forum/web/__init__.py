"""HTTP machinery: sessions, CSRF, headers, errors, languages. No page of its own beyond them."""
