"""What to say. Pure: no clock, network, store or randomness but what is handed in.

Of the rest of the house only `case_store.records`, the vocabulary, is imported here.
"""
