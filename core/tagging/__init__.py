"""The words with which records of several rooms are tagged: what each is called, how it is spelled, who has it."""
