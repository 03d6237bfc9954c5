"""The nouns of the API, a folder each.

`__init__` says where it stands, `routes` who may do what with it and how that is answered, `shapes`
how it looks in JSON.
"""
