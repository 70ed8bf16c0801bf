"""AWS through boto3: facts in, steps out."""
