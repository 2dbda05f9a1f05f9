"""Ground floor: clocks, spans, money, identifiers, errors, words and log. Knows no shop word."""
