"""AWS of the embedded world: moto's services in this process, and a Fargate that really runs tasks.

Nothing here is imported by product code, which knows only the address in AWS_ENDPOINT_URL.
"""
