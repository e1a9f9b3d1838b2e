"""Raw text to validated tables: types, contracts, rules across rows, stacking of census years."""
