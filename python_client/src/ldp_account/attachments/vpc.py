"""Whether a function in a VPC can reach SQS: an endpoint for it, or a route out of each subnet.

Functions have no public addresses, so that a route to an internet gateway leads nowhere. What
security groups and network ACLs refuse is not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ldp_account.aws import Aws

_EVERYWHERE: Final = "0.0.0.0/0"
_WAYS_OUT: Final = ("NatGatewayId", "TransitGatewayId", "NetworkInterfaceId", "InstanceId")


def way_to_queues(aws: Aws, vpc: str, subnets: list[str]) -> bool:
    """Whether every subnet has a way to SQS.

    Raises:
        AccountError: A call failed.
    """
    of_vpc = {"Name": "vpc-id", "Values": [vpc]}
    with aws.calling():
        endpoints = aws.ec2.describe_vpc_endpoints(Filters=[of_vpc])["VpcEndpoints"]
        tables = aws.ec2.describe_route_tables(Filters=[of_vpc])["RouteTables"]
    own = (one for one in endpoints if one["VpcId"] == vpc)
    service = f"com.amazonaws.{aws.region}.sqs"
    if any((one["ServiceName"], one["State"].lower()) == (service, "available") for one in own):
        return True
    return all(_leads_out(tables, subnet) for subnet in subnets)


def _leads_out(tables: list[dict[str, Any]], subnet: str) -> bool:
    own = [t for t in tables if any(a.get("SubnetId") == subnet for a in t["Associations"])]
    main = [t for t in tables if any(a.get("Main") for a in t["Associations"])]
    return any(
        route.get("DestinationCidrBlock") == _EVERYWHERE and any(map(route.get, _WAYS_OUT))
        for table in own or main
        for route in table.get("Routes", ())
    )
