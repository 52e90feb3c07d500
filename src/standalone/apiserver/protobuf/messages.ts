/**
 * How a field is read. `string`, `int`, `bool`: Go values, which travel even when empty, so an empty one counts as
 * absent. With `?`: Go pointers, which travel only when set, so zero means zero. `[…]` repeats, `{…}` is a map with
 * string keys, `skip` is read past; a name in capitals is another message.
 */
export type FieldType = string;
export type Message = ReadonlyMap<number, {readonly name: string; readonly type: FieldType}>;

/** `number name type` per field, separated by commas. */
function message(text: string): Message {
  return new Map(
    text
      .trim()
      .split(',')
      .map(field => {
        const [number = '', name = '', type = 'string'] = field.trim().split(/\s+/);
        return [Number(number), {name, type}];
      }),
  );
}

/** An object's kind as the table below names it; several groups have an Event. */
export const messageOf = (apiVersion: string, kind: string): Message | undefined =>
  KINDS.get(`${apiVersion}/${kind}`) ?? (ANY_GROUP.has(kind) ? MESSAGES.get(kind) : undefined);

// Field numbers are facts of the API's public .proto files (kubernetes/api, kubernetes/apimachinery). Only messages
// that clients post are here; a field that is not is an error, because dropping it could change what was asked.
export const MESSAGES: ReadonlyMap<string, Message> = new Map(
  Object.entries({
    Unknown: '1 typeMeta TypeMeta, 2 raw raw, 3 contentEncoding, 4 contentType',
    TypeMeta: '1 apiVersion, 2 kind',
    ObjectMeta: `1 name, 2 generateName, 3 namespace, 4 selfLink, 5 uid, 6 resourceVersion, 7 generation int,
      8 creationTimestamp time, 9 deletionTimestamp time, 10 deletionGracePeriodSeconds int?, 11 labels {string},
      12 annotations {string}, 13 ownerReferences [OwnerReference], 14 finalizers [string], 17 managedFields [ManagedFieldsEntry]`,
    OwnerReference: '1 kind, 3 name, 4 uid, 5 apiVersion, 6 controller bool?, 7 blockOwnerDeletion bool?',
    ManagedFieldsEntry: `1 manager, 2 operation, 3 apiVersion, 4 time time, 6 fieldsType, 7 fieldsV1 FieldsV1,
      8 subresource`,
    FieldsV1: '1 Raw json',
    DeleteOptions: `1 gracePeriodSeconds int?, 2 preconditions Preconditions, 3 orphanDependents bool?,
      4 propagationPolicy string?, 5 dryRun [string], 6 ignoreStoreReadErrorWithClusterBreakingPotential bool?`,
    Preconditions: '1 uid string?, 2 resourceVersion string?',
    Namespace: '1 metadata ObjectMeta, 2 spec NamespaceSpec, 3 status NamespaceStatus',
    NamespaceSpec: '1 finalizers [string]',
    NamespaceStatus: '1 phase, 2 conditions skip',
    ConfigMap: '1 metadata ObjectMeta, 2 data {string}, 3 binaryData {bytes}, 4 immutable bool?',
    Secret: '1 metadata ObjectMeta, 2 data {bytes}, 3 type, 4 stringData {string}, 5 immutable bool?',
    ServiceAccount: `1 metadata ObjectMeta, 2 secrets [ObjectReference], 3 imagePullSecrets [LocalObjectReference],
      4 automountServiceAccountToken bool?`,
    ObjectReference: '1 kind, 2 namespace, 3 name, 4 uid, 5 apiVersion, 6 resourceVersion, 7 fieldPath',
    LocalObjectReference: '1 name',
    Binding: '1 metadata ObjectMeta, 2 target ObjectReference',
    Eviction: '1 metadata ObjectMeta, 2 deleteOptions DeleteOptions',
    SelfSubjectAccessReview: '1 metadata ObjectMeta, 2 spec SelfSubjectAccessReviewSpec, 3 status skip',
    SelfSubjectAccessReviewSpec:
      '1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes',
    ResourceAttributes: `1 namespace, 2 verb, 3 group, 4 version, 5 resource, 6 subresource, 7 name, 8 fieldSelector skip,
      9 labelSelector skip`,
    NonResourceAttributes: '1 path, 2 verb',
    SelfSubjectRulesReview: '1 metadata ObjectMeta, 2 spec SelfSubjectRulesReviewSpec, 3 status skip',
    SelfSubjectRulesReviewSpec: '1 namespace',
    SelfSubjectReview: '1 metadata ObjectMeta, 2 status skip',
    Lease: '1 metadata ObjectMeta, 2 spec LeaseSpec',
    LeaseSpec: `1 holderIdentity string?, 2 leaseDurationSeconds int?, 3 acquireTime microtime, 4 renewTime microtime,
      5 leaseTransitions int?, 6 strategy string?, 7 preferredHolder string?`,
    Event: `1 metadata ObjectMeta, 2 involvedObject ObjectReference, 3 reason, 4 message, 5 source EventSource,
      6 firstTimestamp time, 7 lastTimestamp time, 8 count int, 9 type, 10 eventTime microtime, 11 series EventSeries,
      12 action, 13 related ObjectReference, 14 reportingComponent, 15 reportingInstance`,
    EventSource: '1 component, 2 host',
    EventSeries: '1 count int, 2 lastObservedTime microtime',
    NewEvent: `1 metadata ObjectMeta, 2 eventTime microtime, 3 series EventSeries, 4 reportingController,
      5 reportingInstance, 6 action, 7 reason, 8 regarding ObjectReference, 9 related ObjectReference, 10 note, 11 type,
      12 deprecatedSource EventSource, 13 deprecatedFirstTimestamp time, 14 deprecatedLastTimestamp time,
      15 deprecatedCount int`,
    Service: '1 metadata ObjectMeta, 2 spec ServiceSpec, 3 status skip',
    ServiceSpec: `1 ports [ServicePort], 2 selector {string}, 3 clusterIP, 4 type, 5 externalIPs [string],
      7 sessionAffinity, 8 loadBalancerIP, 9 loadBalancerSourceRanges [string], 10 externalName, 11 externalTrafficPolicy,
      12 healthCheckNodePort int, 13 publishNotReadyAddresses bool, 17 ipFamilyPolicy string?, 18 clusterIPs [string],
      19 ipFamilies [string], 20 allocateLoadBalancerNodePorts bool?, 21 loadBalancerClass string?,
      22 internalTrafficPolicy string?`,
    ServicePort: '1 name, 2 protocol, 3 port int, 4 targetPort intOrString, 5 nodePort int, 6 appProtocol string?',
    IntOrString: '1 type int, 2 intVal int, 3 strVal',
    Pod: '1 metadata ObjectMeta, 2 spec PodSpec, 3 status skip',
    PodSpec: `1 volumes [Volume], 2 containers [Container], 3 restartPolicy, 4 terminationGracePeriodSeconds int?,
      5 activeDeadlineSeconds int?, 6 dnsPolicy, 7 nodeSelector {string}, 8 serviceAccountName, 9 serviceAccount,
      10 nodeName, 11 hostNetwork bool, 12 hostPID bool, 13 hostIPC bool, 14 securityContext PodSecurityContext,
      15 imagePullSecrets [LocalObjectReference], 16 hostname, 17 subdomain, 19 schedulerName,
      20 initContainers [Container], 21 automountServiceAccountToken bool?, 22 tolerations [Toleration],
      24 priorityClassName, 25 priority int?, 27 shareProcessNamespace bool?, 29 runtimeClassName string?,
      30 enableServiceLinks bool?, 31 preemptionPolicy string?, 35 setHostnameAsFQDN bool?, 37 hostUsers bool?`,
    PodSecurityContext: `2 runAsUser int?, 3 runAsNonRoot bool?, 4 supplementalGroups [int], 5 fsGroup int?,
      6 runAsGroup int?, 9 fsGroupChangePolicy string?`,
    Toleration: '1 key, 2 operator, 3 value, 4 effect, 5 tolerationSeconds int?',
    Container: `1 name, 2 image, 3 command [string], 4 args [string], 5 workingDir, 6 ports [ContainerPort],
      7 env [EnvVar], 8 resources ResourceRequirements, 9 volumeMounts [VolumeMount], 10 livenessProbe Probe,
      11 readinessProbe Probe, 13 terminationMessagePath, 14 imagePullPolicy, 15 securityContext SecurityContext,
      16 stdin bool, 17 stdinOnce bool, 18 tty bool, 19 envFrom [EnvFromSource], 20 terminationMessagePolicy,
      22 startupProbe Probe, 24 restartPolicy string?`,
    ContainerPort: '1 name, 2 hostPort int, 3 containerPort int, 4 protocol, 5 hostIP',
    EnvVar: '1 name, 2 value, 3 valueFrom EnvVarSource',
    EnvVarSource: '1 fieldRef ObjectFieldSelector, 3 configMapKeyRef KeySelector, 4 secretKeyRef KeySelector',
    ObjectFieldSelector: '1 apiVersion, 2 fieldPath',
    KeySelector: '1 localObjectReference inline:LocalObjectReference, 2 key, 3 optional bool?',
    EnvFromSource: '1 prefix, 2 configMapRef EnvSource, 3 secretRef EnvSource',
    EnvSource: '1 localObjectReference inline:LocalObjectReference, 2 optional bool?',
    ResourceRequirements: '1 limits {quantity}, 2 requests {quantity}',
    Quantity: '1 string',
    VolumeMount: '1 name, 2 readOnly bool, 3 mountPath, 4 subPath, 5 mountPropagation string?, 6 subPathExpr',
    SecurityContext: `1 capabilities Capabilities, 2 privileged bool?, 4 runAsUser int?, 5 runAsNonRoot bool?,
      6 readOnlyRootFilesystem bool?, 7 allowPrivilegeEscalation bool?, 8 runAsGroup int?`,
    Capabilities: '1 add [string], 2 drop [string]',
    Probe: `1 handler inline:ProbeHandler, 2 initialDelaySeconds int, 3 timeoutSeconds int, 4 periodSeconds int,
      5 successThreshold int, 6 failureThreshold int, 7 terminationGracePeriodSeconds int?`,
    ProbeHandler: '1 exec ExecAction, 2 httpGet HTTPGetAction, 3 tcpSocket TCPSocketAction',
    ExecAction: '1 command [string]',
    HTTPGetAction: '1 path, 2 port intOrString, 3 host, 4 scheme, 5 httpHeaders [HTTPHeader]',
    HTTPHeader: '1 name, 2 value',
    TCPSocketAction: '1 port intOrString, 2 host',
    Volume: '1 name, 2 volumeSource inline:VolumeSource',
    VolumeSource: `1 hostPath HostPathVolumeSource, 2 emptyDir EmptyDirVolumeSource, 6 secret SecretVolumeSource,
      19 configMap ConfigMapVolumeSource`,
    HostPathVolumeSource: '1 path, 2 type string?',
    EmptyDirVolumeSource: '1 medium, 2 sizeLimit quantity',
    SecretVolumeSource: '1 secretName, 2 items [KeyToPath], 3 defaultMode int?, 4 optional bool?',
    ConfigMapVolumeSource: `1 localObjectReference inline:LocalObjectReference, 2 items [KeyToPath], 3 defaultMode int?,
      4 optional bool?`,
    KeyToPath: '1 key, 2 path, 3 mode int?',
  }).map(([name, text]) => [name, message(text)]),
);

const kind = (apiVersion: string, name: string, table = name): readonly [string, Message | undefined] => [
  `${apiVersion}/${name}`,
  MESSAGES.get(table),
];

const KINDS: ReadonlyMap<string, Message | undefined> = new Map([
  ...['Namespace', 'ConfigMap', 'Secret', 'ServiceAccount', 'Service', 'Pod', 'Event', 'Binding'].map(name =>
    kind('v1', name),
  ),
  kind('events.k8s.io/v1', 'Event', 'NewEvent'),
  kind('coordination.k8s.io/v1', 'Lease'),
  kind('policy/v1', 'Eviction'),
  kind('authentication.k8s.io/v1', 'SelfSubjectReview'),
  kind('authorization.k8s.io/v1', 'SelfSubjectAccessReview'),
  kind('authorization.k8s.io/v1', 'SelfSubjectRulesReview'),
]);

/** DeleteOptions travels under the version of what is deleted. */
const ANY_GROUP: ReadonlySet<string> = new Set(['DeleteOptions']);
