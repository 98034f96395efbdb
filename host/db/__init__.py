"""The database: engine, tables, migrations. No queries of features: those live in their repositories."""
