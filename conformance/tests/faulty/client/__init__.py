"""A small correct client of the protocol, on which one fault at a time is put.

It was written from the specification alone, of the standard library alone, so that the suite is
judged by something that shares no mistake with the reference. Each of its ideas is a part of its
own, with methods small enough for a fault to be the override of one.
"""
