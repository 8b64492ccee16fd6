"""The proxy in the place of an existing function, and that function back in its own.

What is known of an attachment is in the account alone: tags on the function, which say where its
record lies, and the record in the stack's bucket. Whoever has both can undo it, from any machine.
"""
