"""Support that tests of several distributions share: real servers, taps and strategies."""
