"""What the sample company's stores hold of each person, one file for each corner of the data map."""
