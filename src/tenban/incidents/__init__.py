"""The incident engine. Knows neither tills nor video: it holds references."""
