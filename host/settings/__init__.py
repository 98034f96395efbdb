"""Settings: the model of the whole file, validation, secrets, storage. What a setting does belongs elsewhere."""
