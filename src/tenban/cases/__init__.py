"""Cases: named folders of evidence, held while they exist, and the signed packages made of them."""
