"""What the tests of the languages share: how a sandbox starts a program, in folders and on pipes of the tests."""
