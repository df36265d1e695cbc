"""What is kept: typed models, the database session, encryption, and one module of queries per kind of row."""
