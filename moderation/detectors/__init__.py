"""What a program may notice in words before people read them. It asks, prompts, folds or holds; a person decides.

Pure: no database, no clock, no author. What is found is a rule's name, never the words it found (docs/decisions/0063).
"""
