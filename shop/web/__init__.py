"""The roof's own pages and answers: health, the API's description, problems in words, files that never change."""
